// What is typed into a field counts once the typing rests.
import { type RefObject, useEffect, useEffectEvent, useRef, useState } from "react";
import { useNavigationType } from "react-router";

interface Typed {
  field: RefObject<HTMLInputElement | null>;
  /** What stands in the field. */
  typed: string;
  /** Whether it stays there and counts for nothing, as it is not whole. */
  isWrong: boolean;
  type: (text: string) => void;
  /** Nobody types here any more. */
  rest: () => void;
  /** Tell at once what is whole. */
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
  const [typed, setTyped] = useState(value);
  const [isTyping, setTyping] = useState(false);

  function type(text: string) {
    setTyping(true);
    setTyped(text);
  }
  function rest() {
    setTyping(false);
  }
  function tellNow() {
    rest();
    const text = typed.trim();
    if (text === told.current || !isWhole(text)) return;
    told.current = text;
    onTell(text);
  }
  const rested = useEffectEvent(() => {
    if (isWhole(typed.trim())) tellNow();
  });

  useChosenElsewhere(field, value, () => {
    if (value === told.current) return;
    told.current = value;
    setTyped(value);
  });
  useEffect(() => {
    if (typed.trim() === told.current) return;
    const waiting = setTimeout(rested, restMs);
    return () => clearTimeout(waiting);
  }, [typed, restMs]);

  return { field, typed, isWrong: !isTyping && !isWhole(typed.trim()), type, rest, tellNow };
}

/** Have a new `value` shown in its field, but never while somebody types there, save by the buttons back and forward. */
export function useChosenElsewhere(field: RefObject<HTMLInputElement | null>, value: string, show: () => void) {
  const isBackOrForward = useNavigationType() === "POP";
  const chosen = useEffectEvent(() => {
    if (isBackOrForward || document.activeElement !== field.current) show();
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new value is the event
  useEffect(chosen, [value]);
}
