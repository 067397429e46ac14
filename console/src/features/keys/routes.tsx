// The pages of this feature.
import type { RouteObject } from "react-router";

export const routes: RouteObject[] = [
  { path: "keys", lazy: async () => ({ Component: (await import("./KeysPage")).KeysPage }) },
  { path: "keys/:key_id", lazy: async () => ({ Component: (await import("./KeyPage")).KeyPage }) },
];
