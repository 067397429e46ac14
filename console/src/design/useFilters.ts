// Filters and the search of a list live in the address, so that a link leads to what one sees.
import { useCallback, useMemo, useState } from "react";
import { useHref, useLocation, useSearchParams } from "react-router";
import { hasLeft } from "./underway";

/**
 * Return the values of filters (empty: not set), how to choose one and how to clear all; the address follows. `cleared`
 * counts the clearings: as the `key` of Filters it takes along what is typed there and not chosen yet.
 */
export function useFilters<Name extends string>(
  names: readonly Name[],
): [values: Record<Name, string>, choose: (name: Name, value: string) => void, clear: () => void, cleared: number] {
  const [address, setAddress] = useSearchParams();
  const here = useHref(useLocation().pathname);
  const values = useMemo(() => {
    return Object.fromEntries(names.map((name) => [name, address.get(name) ?? ""])) as Record<Name, string>;
  }, [address, names]);
  const choose = useCallback(
    (name: Name, value: string) => {
      // A search may rest only after a link was followed: to write the address now would call the person back.
      if (hasLeft(here)) return;
      // What stands in the address now, not when this was drawn: two choices may follow each other closely.
      const after = new URLSearchParams(location.search);
      if (value) after.set(name, value);
      else after.delete(name);
      setAddress(after, { replace: true });
    },
    [setAddress, here],
  );
  const [cleared, setCleared] = useState(0);
  const clear = useCallback(() => {
    setCleared((before) => before + 1);
    setAddress({}, { replace: true });
  }, [setAddress]);
  return [values, choose, clear, cleared];
}
