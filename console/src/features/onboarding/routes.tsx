// The pages of this feature.
import type { RouteObject } from "react-router";

export const beforeLogin: RouteObject[] = [
  { path: "register", lazy: async () => ({ Component: (await import("./RegisterPage")).RegisterPage }) },
];
export const routes: RouteObject[] = [
  {
    path: "welcome",
    handle: { scope: "admin" },
    lazy: async () => ({ Component: (await import("./WelcomePage")).WelcomePage }),
  },
];
