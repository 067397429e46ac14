// The isolation report.
import { counted } from "../plural";

const COUNTS: Record<string, (count: number) => string> = {
  answers: (count) => counted(count, "answer read", "answers read"),
  central_tables: (count) => counted(count, "shared table", "shared tables"),
  clients: (count) => counted(count, "client", "clients"),
  comparisons: (count) => counted(count, "comparison", "comparisons"),
  functions: (count) => counted(count, "function", "functions"),
  requests: (count) => counted(count, "request", "requests"),
  roles: (count) => counted(count, "database role", "database roles"),
  routes: (count) => counted(count, "route", "routes"),
  tables: (count) => counted(count, "table", "tables"),
  tables_with_rows: (count) => counted(count, "table with your rows", "tables with your rows"),
  users_tables: (count) => counted(count, "users table", "users tables"),
};

export const isolation = {
  title: "Isolation",
  lead: "The signed proof that your data is reachable by no other client: the service tries to break in on itself.",
  passed: "No other client reaches your data",
  passedLead: "Everything that was tried was refused, and nothing was found where it should not be.",
  failed: "The report found something wrong",
  failedLead: "At least one check below did not pass.",
  none: "There is no report yet",
  noneLead:
    "The first one is made within minutes of the first start of this installation, then one each day. Come back a little later.",
  look: "Look again",
  facts: "What was examined",
  measured: "Your own tables, looked at",
  installation: "Every route, tried",
  routes: "Routes tried",
  requests: "Requests made",
  credentials: "Kinds of credentials tried",
  version: "Version of Rowlock",
  migrations: "Version of the tables",
  database: "Database",
  databases: { postgresql: "PostgreSQL", sqlite: "SQLite" } as Record<string, string>,
  enforced: "Who keeps clients apart",
  enforcedYes: "The service, and the database itself: it holds every statement to its client",
  enforcedNo: "The service alone: SQLite has no means of its own",
  own: "Your own tables",
  ownLead: "Looked at for this report, at most every five minutes.",
  everyRoute: "The whole installation",
  everyRouteLead:
    "Once a day two throw-away clients are made, and every call is tried with all that opens the one against the other.",
  results: { passed: "Passed", failed: "Failed", absent: "Not available" } as Record<string, string>,
  names: {
    "routes.guarded": "Every call asks who you are",
    "routes.foreign_client": "Calls to another client are refused",
    "routes.foreign_objects": "Things of another client are unknown",
    "routes.operators_only": "Operators’ calls refuse everybody else",
    "routes.tried": "Every route was tried",
    "canaries.unseen": "No answer shows another client’s data",
    "rows.untouched": "No call changes another client’s data",
    "credentials.live": "The credentials used were real ones",
    "database.policies": "The database guards every table",
    "database.grants": "Nobody has more rights than needed",
    "database.roles": "The service’s roles cannot get around it",
    "database.functions": "No function opens a back door",
    "database.reach": "Direct statements reach nothing",
    "rows.of_no_client": "No data without a client",
    "rows.of_no_user": "No data without a user",
  } as Record<string, string>,
  lookedAt: (counts: Record<string, number>) =>
    `Looked at: ${Object.entries(counts)
      .map(([name, count]) => COUNTS[name]?.(count) ?? `${name.replaceAll("_", " ")} ${count}`)
      .join(", ")}.`,
  document: "The signed document",
  documentLead:
    "The same report, signed with the platform’s key. It proves what was found, to auditors and customers too, without this service.",
  download: "Download the document",
  copy: "Copy the document",
  saved: "The document is saved.",
  verify: "How to check it",
  verifyLead:
    "Ask whoever runs this installation for its public keys (they print them with the command “.venv/bin/flask documents keys”), by a way that you trust. Then, on any machine that has Rowlock:",
  command: "Checks the signature and shows what the document says",
  anyLibrary: "Any library for JWS (ES256) checks it too.",
  whatNow: "What to do now",
  steps: [
    "Send the signed document to whoever runs this installation. Where it leaks is told to them alone.",
    "Look through your audit log for calls that you do not know.",
    "If you must assume that a key was seen, rotate it; your users’ sessions can be ended on the page of users.",
  ],
  stepsOperator: [
    "Run “.venv/bin/flask doctor isolation” on the server, in the folder of Rowlock and with the settings of the service: it names each place. The service’s log names them too, as an error.",
    "Mend what it names, and run the command again until every check passes.",
    "Tell the clients concerned what was reachable, and since when.",
  ],
  toAudit: "Open the audit log",
  limits: "What it cannot show",
  limitsLead:
    "What operators do, who else holds the platform’s signing key, copies of the database or of the disk. It is the service’s word about itself, so it says what was tried.",
};
