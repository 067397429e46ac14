// The pages of this feature.
import type { RouteObject } from "react-router";

export const routes: RouteObject[] = [
  {
    path: "settings",
    handle: { scope: "admin" },
    lazy: async () => ({ Component: (await import("./settings/SettingsPage")).SettingsPage }),
  },
];
export const operatorRoutes: RouteObject[] = [
  { path: "clients", lazy: async () => ({ Component: (await import("./ClientsPage")).ClientsPage }) },
  { path: "clients/:client_id", lazy: async () => ({ Component: (await import("./ClientPage")).ClientPage }) },
];
