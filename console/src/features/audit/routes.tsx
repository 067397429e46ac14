// The pages of this feature.
import type { RouteObject } from "react-router";

export const routes: RouteObject[] = [
  {
    path: "audit",
    handle: { scope: "audit:read" },
    lazy: async () => ({ Component: (await import("./AuditPage")).AuditPage }),
  },
];
