// The one field for a second factor that is typed: a code of the app or, for who has lost it, a recovery code.
import { useState } from "react";
import { Button } from "@/design/Button";
import { TextField } from "@/design/Form";
import { texts } from "@/texts";

const words = texts.accounts.factor;

/** A field named `code`; `methods` are what the person has. */
export function CodeField({ methods, focused = false }: { methods: string[]; focused?: boolean }) {
  const hasApp = methods.includes("totp");
  const hasBoth = hasApp && methods.includes("recovery_code");
  const [recovery, setRecovery] = useState(!hasApp);
  return (
    <div className="flex flex-col items-start gap-2">
      <div className="w-full">
        <TextField
          key={String(recovery)}
          name="code"
          label={recovery ? words.recovery : words.code}
          hint={recovery ? words.recoveryHint : words.codeHint}
          required
          autoFocus={focused}
          inputMode={recovery ? "text" : "numeric"}
          autoComplete={recovery ? "off" : "one-time-code"}
          autoCapitalize="characters"
          spellCheck={false}
          maxLength={64}
          className="font-mono"
        />
      </div>
      {hasBoth && (
        <Button small look="quiet" className="-ml-2.5" onClick={() => setRecovery(!recovery)}>
          {recovery ? words.useCode : words.useRecovery}
        </Button>
      )}
    </div>
  );
}
