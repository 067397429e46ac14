// The pages of this feature.
import type { RouteObject } from "react-router";

export const routes: RouteObject[] = [
  {
    path: "limits",
    handle: { scope: "admin" },
    lazy: async () => ({ Component: (await import("./LimitsPage")).LimitsPage }),
  },
];
export const operatorRoutes: RouteObject[] = [
  { path: "tiers", lazy: async () => ({ Component: (await import("./TiersPage")).TiersPage }) },
];
