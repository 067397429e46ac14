// The details of an entry, whose form each action has to itself, as a list of names and values.
import type { ReactNode } from "react";
import { may, useSession } from "@/api/session";
import { TextLink } from "@/design/Button";
import { formatSecond } from "@/design/format";
import { texts } from "@/texts";

const PLACES: Record<string, [place: string, scope: string]> = {
  by_key: ["/keys", "keys:read"],
  by_user: ["/users", "users:read"],
  impersonated_by: ["/users", "users:read"],
};
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/;

/** Names and values; what lies within a value is set in. */
export function Details({ detail }: { detail: Record<string, unknown> }) {
  return (
    <dl className="grid gap-x-6 gap-y-1 text-sm sm:grid-cols-[max-content_1fr]">
      {Object.entries(detail).map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-quiet">{nameOf(name)}</dt>
          <dd className="mb-1 min-w-0 sm:mb-0">
            <Linked name={name} value={value}>
              <Value value={value} />
            </Linked>
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Ids of people and keys lead to them. */
function Linked({ name, value, children }: { name: string; value: unknown; children: ReactNode }) {
  const session = useSession();
  const [place, scope] = PLACES[name] ?? [];
  if (!place || !scope || !may(session, scope)) return children;
  if (typeof value !== "string" || !UUID.test(value)) return children;
  return <TextLink to={`${place}/${value}`}>{children}</TextLink>;
}

function Value({ value }: { value: unknown }): ReactNode {
  if (value === null || value === undefined || value === "") return "–";
  if (typeof value === "boolean") return value ? texts.common.yes : texts.common.no;
  if (Array.isArray(value)) return value.length === 0 ? "–" : <Items items={value} />;
  if (typeof value === "object") {
    return (
      <div className="border-l-2 border-line pl-3">
        <Details detail={value as Record<string, unknown>} />
      </div>
    );
  }
  const text = String(value);
  return MOMENT.test(text) && !Number.isNaN(Date.parse(text)) ? formatSecond(text) : text;
}

function Items({ items }: { items: unknown[] }) {
  if (items.every((item) => typeof item !== "object" || item === null)) return items.map(String).join(", ");
  return (
    <ul className="flex flex-col gap-2">
      {items.map((item) => (
        <li key={JSON.stringify(item)}>
          <Value value={item} />
        </li>
      ))}
    </ul>
  );
}

/** `sessions_ended` as `Sessions ended`, where there are no better words. */
function nameOf(name: string): string {
  const spaced = name.replaceAll("_", " ");
  return texts.audit.detailNames[name] ?? spaced.charAt(0).toUpperCase() + spaced.slice(1);
}
