// What must be typed before something that cannot be taken back.
import { texts } from "@/texts";
import { CopyButton } from "./CopyButton";
import { TextField } from "./Form";

/** Takes that very word and no other; whoever has no keys for it, as for a picture in a name, copies it. */
export function TypedField({ word }: { word: string }) {
  const label = texts.common.typeToConfirm(word);
  return (
    <TextField
      name="typed"
      label={label}
      required
      autoComplete="off"
      spellCheck={false}
      pattern={word.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")}
      title={label}
      beside={<CopyButton text={word} />}
    />
  );
}
