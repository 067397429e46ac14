// The pages of this feature.
import type { RouteObject } from "react-router";

export const routes: RouteObject[] = [
  {
    path: "roles",
    handle: { scope: "roles:read" },
    lazy: async () => ({ Component: (await import("./RolesPage")).RolesPage }),
  },
  {
    path: "roles/:name",
    handle: { scope: "roles:read" },
    lazy: async () => ({ Component: (await import("./RolePage")).RolePage }),
  },
];
