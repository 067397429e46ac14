// What stands around every page behind the login: the parts of the console at the side, on a phone behind a button.
import { useEffect, useRef, useState } from "react";
import { Link, NavLink, Outlet, useLocation } from "react-router";
import { useSession } from "@/api/session";
import { Button } from "@/design/Button";
import { classes } from "@/design/classes";
import { useToastsEndHere } from "@/design/Toast";
import { texts } from "@/texts";
import { Brand } from "./Brand";
import { LogOut } from "./LogOut";
import { placesOf } from "./navigation";
import { ThemeChoice } from "./ThemeChoice";

/** The frame of the pages behind the login. */
export function Layout() {
  const session = useSession();
  const [open, setOpen] = useState<string | null>(null);
  const menu = useRef<HTMLButtonElement>(null);
  const { pathname } = useLocation();
  const shown = open === pathname;
  useToastsEndHere();
  useEffect(() => {
    if (!shown) return;
    const close = ({ key }: KeyboardEvent) => {
      if (key !== "Escape") return;
      setOpen(null);
      menu.current?.focus();
    };
    addEventListener("keydown", close);
    return () => removeEventListener("keydown", close);
  }, [shown]);
  return (
    <div className="min-h-dvh lg:grid lg:grid-cols-[15rem_minmax(0,1fr)]">
      <a
        href="#content"
        className="sr-only rounded bg-surface px-3 py-2 focus:not-sr-only focus:absolute focus:top-2 focus:left-2 focus:z-10"
      >
        {texts.common.skip}
      </a>
      <header className="border-line bg-surface max-lg:border-b lg:border-r">
        <div className="lg:sticky lg:top-0 lg:h-dvh lg:overflow-y-auto">
          <div className="flex items-center justify-between gap-3 px-4 py-3 lg:px-5 lg:pt-5 lg:pb-4">
            <Link to="/" className="min-w-0 no-underline">
              <Brand name={session.client.client_name} />
            </Link>
            <Button
              ref={menu}
              className="lg:hidden"
              aria-expanded={shown}
              aria-controls="navigation"
              onClick={() => setOpen(shown ? null : pathname)}
            >
              {texts.navigation.menu}
            </Button>
          </div>
          <div id="navigation" className={classes("px-2 pb-4", !shown && "max-lg:hidden")}>
            <Navigation />
            <LoggedIn />
          </div>
        </div>
      </header>
      <main
        id="content"
        tabIndex={-1}
        className="mx-auto w-full max-w-6xl min-w-0 px-4 pt-6 pb-14 outline-none sm:px-6 lg:px-8"
      >
        <Outlet />
      </main>
    </div>
  );
}

function Navigation() {
  return (
    <nav aria-label={texts.navigation.main} className="flex flex-col gap-4">
      {placesOf(useSession()).map((group) => (
        <div key={group.name}>
          <p className="truncate px-3 pb-1 text-xs font-semibold text-quiet">{group.name}</p>
          <ul>
            {group.places.map((place) => (
              <li key={place.to}>
                <NavLink
                  to={place.to}
                  className={({ isActive }) =>
                    classes(
                      "block rounded-lg px-3 py-1.5 text-sm no-underline",
                      isActive ? "bg-accent-soft font-semibold text-accent" : "text-ink hover:bg-raised",
                    )
                  }
                >
                  {place.text}
                </NavLink>
              </li>
            ))}
          </ul>
        </div>
      ))}
      <a
        href={`/docs/${useSession().client.client_id}`}
        className="px-3 text-sm text-accent underline underline-offset-2"
      >
        {texts.navigation.docs}
      </a>
    </nav>
  );
}

function LoggedIn() {
  return (
    <div className="mt-6 flex flex-col gap-3 border-t border-line px-3 pt-4">
      <p className="truncate text-sm text-quiet">{useSession().user.email}</p>
      <ThemeChoice />
      <LogOut />
    </div>
  );
}
