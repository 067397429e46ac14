// The second step of a login: a code, a recovery code or a passkey.
import type { Session } from "@/api/session";
import { Button } from "@/design/Button";
import { Notice } from "@/design/Feedback";
import { Form } from "@/design/Form";
import { Page } from "@/design/Page";
import { texts } from "@/texts";
import { CodeField } from "./CodeField";
import { completeLogin, type Offer } from "./login";
import { Or } from "./Or";
import { PasskeyButton } from "./PasskeyButton";
import { askPasskey, hasPasskeys } from "./passkeys";
import { useOneWay } from "./useOneWay";

const words = texts.accounts.factor;

/** Asks for a second factor that the person has. */
export function FactorStep({
  offer: { methods, passkeyOptions },
  onEntered,
  onRestart,
}: {
  offer: Offer;
  onEntered: (session: Session) => void;
  onRestart: () => void;
}) {
  const byCode = methods.includes("totp") || methods.includes("recovery_code");
  const options = hasPasskeys() ? passkeyOptions : null;
  const [underway, go] = useOneWay();
  return (
    <Page title={words.title} lead={words.lead}>
      {options && (
        <PasskeyButton
          label={words.usePasskey}
          look="primary"
          disabled={underway === "form"}
          onPress={() =>
            go("passkey", async () => onEntered(await completeLogin({ credential: await askPasskey(options) })))
          }
        />
      )}
      {options && byCode && <Or />}
      {byCode && (
        <fieldset disabled={underway === "passkey"} className="min-w-0">
          <Form
            send={words.send}
            onSend={({ code = "" }) => go("form", async () => onEntered(await completeLogin({ code })))}
          >
            <CodeField methods={methods} focused={options === null} />
          </Form>
        </fieldset>
      )}
      {!options && !byCode && <Notice tone="warning" title={words.noWay} />}
      <p>
        <Button small look="quiet" className="-ml-2.5" onClick={onRestart}>
          {texts.accounts.login.back}
        </Button>
      </p>
    </Page>
  );
}
