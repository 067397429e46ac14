// The parts of a thing with several pages: links, so that each part has an address.
import { NavLink } from "react-router";
import { classes } from "./classes";

/** Links to the parts; the one that is open is marked. `name` says what they belong to. */
export function Tabs({ name, tabs }: { name: string; tabs: [to: string, text: string][] }) {
  return (
    <nav aria-label={name} className="flex gap-1 overflow-x-auto border-b border-line">
      {tabs.map(([to, text]) => (
        <NavLink
          key={to}
          to={to}
          end
          className={({ isActive }) =>
            classes(
              "border-b-2 px-3 py-2 text-sm whitespace-nowrap no-underline",
              isActive ? "border-accent font-semibold text-ink" : "border-transparent text-quiet hover:text-ink",
            )
          }
        >
          {text}
        </NavLink>
      ))}
    </nav>
  );
}
