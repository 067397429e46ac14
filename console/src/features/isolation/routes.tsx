// The pages of this feature.
import type { RouteObject } from "react-router";

export const routes: RouteObject[] = [
  { path: "isolation", lazy: async () => ({ Component: (await import("./IsolationPage")).IsolationPage }) },
];
