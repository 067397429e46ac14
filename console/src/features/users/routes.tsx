// The pages of this feature.
import type { RouteObject } from "react-router";

export const routes: RouteObject[] = [
  {
    path: "users",
    handle: { scope: "users:read" },
    lazy: async () => ({ Component: (await import("./UsersPage")).UsersPage }),
  },
  {
    path: "users/import",
    handle: { scope: "users:write" },
    lazy: async () => ({ Component: (await import("@/features/transfer/UsersImportPage")).UsersImportPage }),
  },
  {
    path: "users/:user_id",
    handle: { scope: "users:read" },
    lazy: async () => ({ Component: (await import("./UserPage")).UserPage }),
  },
];
