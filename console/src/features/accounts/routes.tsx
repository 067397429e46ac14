// The pages of this feature.
import type { RouteObject } from "react-router";

export const beforeLogin: RouteObject[] = [
  { path: "login", lazy: async () => ({ Component: (await import("./LoginPage")).LoginPage }) },
];
export const routes: RouteObject[] = [
  { path: "account", lazy: async () => ({ Component: (await import("./AccountPage")).AccountPage }) },
];
