// The pages of this feature.
import type { RouteObject } from "react-router";

export const routes: RouteObject[] = [
  { path: "users", lazy: async () => ({ Component: (await import("./UsersPage")).UsersPage }) },
  {
    path: "users/import",
    lazy: async () => ({ Component: (await import("@/features/transfer/UsersImportPage")).UsersImportPage }),
  },
  { path: "users/:user_id", lazy: async () => ({ Component: (await import("./UserPage")).UserPage }) },
];
