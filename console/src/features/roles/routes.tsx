// The pages of this feature.
import type { RouteObject } from "react-router";

export const routes: RouteObject[] = [
  { path: "roles", lazy: async () => ({ Component: (await import("./RolesPage")).RolesPage }) },
  { path: "roles/:name", lazy: async () => ({ Component: (await import("./RolePage")).RolePage }) },
];
