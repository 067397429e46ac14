// One's second factors: the authenticator app, the recovery codes and the passkeys.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { factorsQuery } from "@/api/factors";
import { useClientId, useSession } from "@/api/session";
import { Dialog } from "@/design/Dialog";
import { Notice } from "@/design/Feedback";
import { Loaded } from "@/design/Loaded";
import { Section } from "@/design/Page";
import { texts } from "@/texts";
import { AppFactor } from "./AppFactor";
import { CodesFactor } from "./CodesFactor";
import { PasskeyFactors } from "./PasskeyFactors";
import { RecoveryCodes } from "./RecoveryCodes";

const words = texts.accounts.factors;

/** What there is, each kind with what can be done about it. */
export function FactorsSection() {
  const factors = useQuery(factorsQuery(useClientId()));
  const [codes, setCodes] = useState<string[] | null>(null);
  return (
    <Section title={words.title} lead={words.lead}>
      <Loaded query={factors} lines={7}>
        {(has) => (
          <div className="flex flex-col gap-5">
            {has.methods.length === 0 && (
              <Notice tone="warning" title={words.none}>
                {words.noneText}
              </Notice>
            )}
            <AppFactor factors={has} onCodes={setCodes} />
            <PasskeyFactors onCodes={setCodes} />
            {has.methods.length > 0 && <CodesFactor left={has.recovery_codes_left} onCodes={setCodes} />}
          </div>
        )}
      </Loaded>
      {codes !== null && <NewCodes codes={codes} onDone={() => setCodes(null)} />}
    </Section>
  );
}

/** The codes just made, in a dialog that only the ticked box closes. */
function NewCodes({ codes, onDone }: { codes: string[]; onDone: () => void }) {
  const { client } = useSession();
  return (
    <Dialog title={texts.accounts.codes.title} onClose={null}>
      <RecoveryCodes codes={codes} client={client.client_name} onDone={onDone} />
    </Dialog>
  );
}
