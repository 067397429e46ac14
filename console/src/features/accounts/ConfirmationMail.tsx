// The mail that confirms an address: mails get lost, and an address from before they were asked for never got one.
import { useState } from "react";
import { type ApiProblem, asProblem } from "@/api/problems";
import { Button } from "@/design/Button";
import { Notice } from "@/design/Feedback";
import { ProblemNotice } from "@/design/ProblemNotice";
import { texts } from "@/texts";
import { mailConfirmation } from "./login";

const words = texts.accounts.confirmation;

/** A button that has the mail sent, and then says so; `label` tells whether there was one before. */
export function ConfirmationMail({ client, email, label }: { client: string; email: string; label: string }) {
  const [sent, setSent] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiProblem | null>(null);

  async function send() {
    setBusy(true);
    setProblem(null);
    try {
      await mailConfirmation(client, email);
      setSent(true);
    } catch (error) {
      setProblem(asProblem(error));
    } finally {
      setBusy(false);
    }
  }

  if (sent) {
    return (
      <div role="status">
        <Notice title={words.sentTitle}>{words.sent(email)}</Notice>
      </div>
    );
  }
  return (
    <div className="flex flex-col items-start gap-3">
      {problem && <ProblemNotice problem={problem} />}
      <Button busy={busy} onClick={() => void send()}>
        {label}
      </Button>
    </div>
  );
}
