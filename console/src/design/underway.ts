// Whether somebody has gone on to another page, though this one still stands: while the code of the next is fetched, and
// until it is drawn.
import type { createMemoryRouter } from "react-router";

type Router = Pick<ReturnType<typeof createMemoryRouter>, "state">;

let router: Router | null = null;

/** Name the router whose navigations count. */
export function holdRouter(held: Router) {
  router = held;
}

/** Return whether the person is no longer, or soon no longer, at a path, which is written with the console's base. */
export function hasLeft(path: string): boolean {
  if (router === null) return false;
  const { navigation, location } = router.state;
  return (navigation.location ?? location).pathname !== path;
}
