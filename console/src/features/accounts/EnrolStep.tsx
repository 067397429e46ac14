// The step between password and session where the client demands a second factor that the person has not yet.
import { useState } from "react";
import { Button } from "@/design/Button";
import { Page } from "@/design/Page";
import { texts } from "@/texts";
import { AppSetup } from "./AppSetup";
import { NewPasskey } from "./NewPasskey";
import { hasPasskeys } from "./passkeys";
import { RecoveryCodes } from "./RecoveryCodes";

const words = texts.accounts.enrol;

type Way = "app" | "passkey";

/** Sets up a first factor; `onDone` logs in anew, with it. */
export function EnrolStep({
  clientId,
  onDone,
  onRestart,
}: {
  clientId: string;
  onDone: () => Promise<void>;
  onRestart: () => void;
}) {
  const [way, setWay] = useState<Way | null>(null);
  const [codes, setCodes] = useState<string[] | null>(null);

  if (codes !== null) {
    return (
      <Page key="codes" title={words.doneTitle} lead={way === "app" ? words.nextCode : words.done}>
        <RecoveryCodes codes={codes} goOn={words.logIn} onDone={onDone} />
      </Page>
    );
  }
  return (
    <Page title={words.title} lead={words.lead}>
      {way === null && <Choice onChosen={setWay} />}
      {way === "app" && <AppSetup clientId={clientId} onDone={setCodes} />}
      {way === "passkey" && <NewPasskey clientId={clientId} onDone={(made) => setCodes(made ?? [])} />}
      <p className="-ml-2.5 flex flex-wrap gap-2">
        {way !== null && (
          <Button small look="quiet" onClick={() => setWay(null)}>
            {words.otherWay}
          </Button>
        )}
        <Button small look="quiet" onClick={onRestart}>
          {texts.accounts.login.back}
        </Button>
      </p>
    </Page>
  );
}

function Choice({ onChosen }: { onChosen: (way: Way) => void }) {
  const ways: [Way, string, string][] = [["app", words.app, words.appHint]];
  if (hasPasskeys()) ways.push(["passkey", words.passkey, words.passkeyHint]);
  return (
    <div className="flex flex-col gap-3">
      <p className="text-sm">{words.choose}</p>
      {ways.map(([way, name, hint]) => (
        <Button key={way} className="flex-col items-start gap-0 py-3 text-left" onClick={() => onChosen(way)}>
          <span>{name}</span>
          <span className="font-normal text-quiet">{hint}</span>
        </Button>
      ))}
    </div>
  );
}
