// The pages of this feature.
import type { RouteObject } from "react-router";

export const routes: RouteObject[] = [
  {
    path: "isolation",
    handle: { scope: "admin" },
    lazy: async () => ({ Component: (await import("./IsolationPage")).IsolationPage }),
  },
];
