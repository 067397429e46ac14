// The colour of a client, with what can be seen on it and where it can be seen.
import { Badge } from "@/design/Feedback";
import { TextField } from "@/design/Form";
import { texts } from "@/texts";
import { contrast, GROUNDS, isColour, PLAIN, readableOn } from "./contrast";
import type { Control } from "./FieldControl";

const words = texts.settings;
const { colour: said } = words;
/** What an edge must have to be seen by most people (WCAG 2.2, 1.4.11). */
const SEEN = 3;

/** A colour to type or to pick. */
export function ColourField({ path, draft, onDraft }: Control) {
  const { label, does, bounds } = words.fields.brand_color;
  const shown = isColour(draft.trim()) ? draft.trim() : PLAIN;
  return (
    <div className="flex flex-col gap-3">
      <TextField
        label={label}
        hint={`${does} ${bounds}`}
        name={path}
        value={draft}
        onChange={(event) => onDraft(event.target.value)}
        pattern="#[0-9A-Fa-f]{6}"
        title={said.wrong}
        placeholder={PLAIN}
        maxLength={7}
        spellCheck={false}
        autoComplete="off"
        className="max-w-40 font-mono"
        beside={
          <input
            type="color"
            aria-label={said.pick}
            value={shown}
            onChange={(event) => onDraft(event.target.value)}
            className="h-10 w-14 cursor-pointer rounded-lg border border-edge bg-surface p-1"
          />
        }
      />
      <ColourPreview colour={shown} />
    </div>
  );
}

/** How a head and a button in a colour look, and how well they can be seen. */
function ColourPreview({ colour }: { colour: string }) {
  const text = readableOn(colour);
  const ratio = contrast(colour, text);
  return (
    <figure className="m-0">
      <figcaption className="mb-1 text-sm font-medium">{said.preview}</figcaption>
      <div className="grid gap-3 sm:grid-cols-2">
        <Ground name={said.againstLight} ground={GROUNDS.light} colour={colour} text={text} />
        <Ground name={said.againstDark} ground={GROUNDS.dark} colour={colour} text={text} />
      </div>
      <p className="mt-2 text-sm text-quiet">
        {said.onText(text === "#ffffff" ? said.textWhite : said.textBlack, ratio.toFixed(1))} {said.explains}
      </p>
    </figure>
  );
}

function Ground({ name, ground, colour, text }: { name: string; ground: string; colour: string; text: string }) {
  const ratio = contrast(colour, ground);
  const seen = ratio >= SEEN;
  return (
    <div>
      <div
        aria-hidden="true"
        className="overflow-hidden rounded-lg border border-line"
        style={{ backgroundColor: ground }}
      >
        <div className="h-2" style={{ backgroundColor: colour }} />
        <div className="p-4">
          <span
            className="inline-block rounded px-4 py-2 text-sm font-semibold"
            style={{ backgroundColor: colour, color: text }}
          >
            {said.button}
          </span>
        </div>
      </div>
      <p className="mt-1 flex flex-wrap items-center gap-2 text-sm">
        <span>{name}</span>
        <Badge tone={seen ? "good" : "warning"}>{seen ? said.clear : said.weak}</Badge>
        <span className="text-quiet">{said.ratio(ratio.toFixed(1))}</span>
      </p>
    </div>
  );
}
