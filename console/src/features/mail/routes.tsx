// The pages of this feature.
import type { RouteObject } from "react-router";

export const operatorRoutes: RouteObject[] = [
  { path: "outbox", lazy: async () => ({ Component: (await import("./OutboxPage")).OutboxPage }) },
];
