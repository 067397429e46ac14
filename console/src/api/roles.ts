// The roles of a client, for whoever chooses one, and what of a role a person does not hold itself.
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { api, call, type Schema } from "./client";
import { OFFERED_SCOPES, RESERVED_SCOPES } from "./scopes";
import { may, type Session, useClientId, useSession } from "./session";

export type Role = Schema<"RoleView">;

export const USER_ROLE = "user";
export const ADMIN_ROLE = "admin";
export const OPERATOR_ROLE = "super_admin";
const PAGE = 100;

export const rolesKey = (clientId: string) => ["roles", clientId] as const;

/**
 * Read all roles of the person's client; nothing is asked where its own role may not read them, unless the page is about
 * roles (`needed`): the service then says what is lacking.
 */
export function useRoles({ needed = false } = {}): UseQueryResult<Role[]> {
  const clientId = useClientId();
  const session = useSession();
  return useQuery({
    queryKey: rolesKey(clientId),
    queryFn: () => readAll(clientId),
    enabled: needed || may(session, "roles:read"),
  });
}

/** What of some scopes a person does not hold, and so can neither give nor change. An admin has the client's words. */
export function lacking(session: Session, scopes: string[]): string[] {
  const missing = scopes.filter((scope) => !session.scopes.includes(scope));
  return session.scopes.includes("admin") ? missing.filter((scope) => RESERVED_SCOPES.includes(scope)) : missing;
}

/**
 * What of a user's role a person does not hold itself: nobody changes such a user. Null: what the role holds is not known,
 * as the roles are not there yet or may not be read. The role `user` is below all who manage users.
 */
export function lackingOver(session: Session, role: string, roles: Role[] | undefined): string[] | null {
  if (role === USER_ROLE) return [];
  if (roles === undefined) return null;
  const isFixed = role === ADMIN_ROLE || role === OPERATOR_ROLE;
  const held = isFixed ? RESERVED_SCOPES : roles.find((one) => one.name === role)?.permissions;
  return held ? lacking(session, held) : null;
}

/** Whether whoever has a role runs something of the client, and so has work in the console beyond the own account. */
export function worksInConsole(role: string, roles: Role[] | undefined): boolean {
  const held = roles?.find((one) => one.name === role)?.permissions;
  if (held === undefined) return role !== USER_ROLE;
  return held.some((scope) => RESERVED_SCOPES.includes(scope) && !OFFERED_SCOPES.own.includes(scope));
}

/** The names of the roles that a person can give: `user`, and those that hold no more than it does. */
export function assignable(session: Session, roles: Role[] | undefined): string[] {
  const names = (roles ?? []).filter(
    (role) =>
      role.name === USER_ROLE || (role.name !== OPERATOR_ROLE && lacking(session, role.permissions).length === 0),
  );
  return [USER_ROLE, ...names.map((role) => role.name).filter((name) => name !== USER_ROLE)];
}

async function readAll(clientId: string): Promise<Role[]> {
  const found: Role[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await call(
      api.GET("/api/v1/{client_id}/roles", {
        params: { path: { client_id: clientId }, query: { limit: PAGE, ...(cursor ? { cursor } : {}) } },
      }),
    );
    found.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor);
  return found;
}
