// How a mail will read, with invented values in the place of the placeholders.
import type { Schema } from "@/api/client";
import { texts } from "@/texts";
import type { Client } from "../clientQueries";
import { PLAIN, readableOn } from "./contrast";
import { BUILT_IN, type MailKind } from "./mailWords";

const words = texts.settings.mails;

/** A mail of a kind, in the client's own words where it has some. */
export function MailPreview({ client, kind, own }: { client: Client; kind: MailKind; own: Schema<"MailText"> }) {
  const builtIn = BUILT_IN[kind];
  const fill = (text: string) => filled(text, client.client_name);
  const sender = client.settings.sender_name.value ?? client.client_name;
  const colour = client.settings.brand_color.value ?? PLAIN;
  const look = { backgroundColor: colour, color: readableOn(colour) };
  return (
    <figure aria-label={words.previewOf(words.kinds[kind].name)} className="m-0 w-full min-w-0 text-sm">
      <figcaption className="mb-2">
        <span className="font-medium">{words.preview}</span> <span className="text-quiet">{words.previewExplains}</span>
      </figcaption>
      <div className="overflow-hidden rounded-lg border border-line bg-canvas">
        <dl className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-3 px-4 py-3">
          <dt className="text-quiet">{words.from}</dt>
          <dd>{sender}</dd>
          <dt className="text-quiet">{words.subject}</dt>
          <dd className="font-semibold">{fill(own.subject || builtIn.subject)}</dd>
        </dl>
        <p className="px-4 py-3 font-bold" style={look}>
          {sender}
        </p>
        <div className="flex flex-col items-start gap-3 bg-surface px-4 py-4">
          <p className="whitespace-pre-line">{fill(own.text || builtIn.text).trim()}</p>
          {builtIn.button && (
            <span className="inline-block rounded px-4 py-2 font-bold" style={look}>
              {fill(builtIn.button)}
            </span>
          )}
          {builtIn.closing && <p className="text-quiet">{fill(builtIn.closing)}</p>}
        </div>
      </div>
    </figure>
  );
}

/** Put the values in place of the placeholders, in one pass. */
function filled(text: string, clientName: string): string {
  const values: Record<string, string> = { ...words.sample, client_name: clientName };
  return text.replace(
    /\{(client_name|email|full_name|change|moment)\}/g,
    (whole, name: string) => values[name] ?? whole,
  );
}
