// The pages of this feature.
import type { RouteObject } from "react-router";

export const routes: RouteObject[] = [
  {
    path: "overview",
    handle: { scope: "audit:read" },
    lazy: async () => ({ Component: (await import("./OverviewPage")).OverviewPage }),
  },
  {
    path: "storage",
    handle: { scope: "storage:read" },
    lazy: async () => ({ Component: (await import("./StoragePage")).StoragePage }),
  },
];
export const operatorRoutes: RouteObject[] = [
  { path: "statistics", lazy: async () => ({ Component: (await import("./PlatformPage")).PlatformPage }) },
];
