import { createMemoryRouter } from "react-router";
import { expect, test } from "vitest";
import { hasLeft, holdRouter } from "./underway";

test("who is on the way to a page has left the one before, whose code is there still", async () => {
  let fetched = (_: object) => {};
  const lazy = () => new Promise<object>((resolve) => (fetched = resolve));
  const routes = [{ path: "/clients" }, { path: "/clients/:id", lazy }];
  const router = createMemoryRouter(routes, { basename: "/console", initialEntries: ["/console/clients?q=a"] });
  holdRouter(router);
  expect(hasLeft("/console/clients")).toBe(false);

  const arriving = router.navigate("/clients/1");
  expect(hasLeft("/console/clients")).toBe(true);
  expect(hasLeft("/console/clients/1")).toBe(false);

  fetched({});
  await arriving;
  expect(router.state.navigation.state).toBe("idle");
  expect(hasLeft("/console/clients")).toBe(true);
  expect(hasLeft("/console/clients/1")).toBe(false);
});

test("another search on the same page is no leaving", async () => {
  const router = createMemoryRouter([{ path: "/clients" }], { initialEntries: ["/clients"] });
  holdRouter(router);
  await router.navigate("/clients?q=a");
  expect(hasLeft("/clients")).toBe(false);
});
