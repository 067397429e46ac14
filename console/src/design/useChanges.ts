// Whether somebody has changed what the fields of a place hold.
import { type RefObject, useCallback, useLayoutEffect, useState } from "react";

type Field = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

/** Return a function that tells whether a field within holds something else than when it appeared. */
export function useChanges(within: RefObject<HTMLElement | null>): () => boolean {
  const [first] = useState(() => new WeakMap<Field, string>());
  useLayoutEffect(() => {
    const place = within.current;
    if (!place) return;
    const note = () => {
      for (const field of fieldsIn(place)) if (!first.has(field)) first.set(field, heldBy(field));
    };
    note();
    const watching = new MutationObserver(note); // fields may come later, as another choice asks for them
    watching.observe(place, { childList: true, subtree: true });
    return () => watching.disconnect();
  }, [within, first]);
  return useCallback(
    () => fieldsIn(within.current).some((field) => first.has(field) && first.get(field) !== heldBy(field)),
    [within, first],
  );
}

function fieldsIn(place: HTMLElement | null): Field[] {
  return [...(place?.querySelectorAll<Field>("input, select, textarea") ?? [])];
}

function heldBy(field: Field): string {
  const ticked = field instanceof HTMLInputElement && (field.type === "checkbox" || field.type === "radio");
  return ticked ? field.checked.toString() : field.value;
}
