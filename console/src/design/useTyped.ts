// What is typed into a field counts once the typing rests.
import { type RefObject, useEffect, useEffectEvent, useRef, useState } from "react";

interface Typed {
  field: RefObject<HTMLInputElement | null>;
  /** What stands in the field. */
  typed: string;
  type: (text: string) => void;
  /** Tell at once, whatever is typed. */
  tellNow: () => void;
}

/**
 * Return what is typed, beginning with `value`; `onTell` gets it without the space around it once the typing has rested
 * for `restMs`, if it `isWhole`. What is chosen elsewhere, by a link or another button, is taken over.
 */
export function useTyped(
  value: string,
  onTell: (text: string) => void,
  restMs: number,
  isWhole: (text: string) => boolean = () => true,
): Typed {
  const field = useRef<HTMLInputElement>(null);
  const told = useRef(value);
  const [typed, type] = useState(value);

  function tellNow() {
    const text = typed.trim();
    if (text === told.current) return;
    told.current = text;
    onTell(text);
  }
  const rested = useEffectEvent(() => {
    if (isWhole(typed.trim())) tellNow();
  });

  useEffect(() => {
    // Never while somebody is typing here.
    if (value === told.current || document.activeElement === field.current) return;
    told.current = value;
    type(value);
  }, [value]);
  useEffect(() => {
    if (typed.trim() === told.current) return;
    const waiting = setTimeout(rested, restMs);
    return () => clearTimeout(waiting);
  }, [typed, restMs]);

  return { field, typed, type, tellNow };
}
