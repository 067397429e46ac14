// Every page of the console and its address. Each feature names its own, with the scope that its calls need.
import { matchRoutes, type RouteObject } from "react-router";
import * as accounts from "@/features/accounts/routes";
import * as audit from "@/features/audit/routes";
import * as clients from "@/features/clients/routes";
import * as isolation from "@/features/isolation/routes";
import * as keys from "@/features/keys/routes";
import * as limits from "@/features/limits/routes";
import * as mail from "@/features/mail/routes";
import * as onboarding from "@/features/onboarding/routes";
import * as roles from "@/features/roles/routes";
import * as statistics from "@/features/statistics/routes";
import * as users from "@/features/users/routes";

export const BEFORE_LOGIN: RouteObject[] = [...accounts.beforeLogin, ...onboarding.beforeLogin];
export const FOR_EVERYBODY: RouteObject[] = [
  ...accounts.routes,
  ...audit.routes,
  ...clients.routes,
  ...isolation.routes,
  ...keys.routes,
  ...limits.routes,
  ...onboarding.routes,
  ...roles.routes,
  ...statistics.routes,
  ...users.routes,
];
export const FOR_OPERATORS: RouteObject[] = [
  ...clients.operatorRoutes,
  ...limits.operatorRoutes,
  ...mail.operatorRoutes,
  ...statistics.operatorRoutes,
];

/** The scopes that the page at an address is for; found as the router finds the page itself. */
export function scopesFor(path: string): string[] {
  const matches = matchRoutes(FOR_EVERYBODY, path) ?? [];
  return matches.flatMap(({ route }) => (route.handle as { scope?: string } | undefined)?.scope ?? []);
}
