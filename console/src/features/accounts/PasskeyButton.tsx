// A button that asks the browser for a passkey and shows what went wrong.
import { useState } from "react";
import { type ApiProblem, asProblem } from "@/api/problems";
import { Button } from "@/design/Button";
import { ProblemNotice } from "@/design/ProblemNotice";

/** `onPress` does the ceremony and the call after it; it may throw an ApiProblem. */
export function PasskeyButton({
  label,
  look = "secondary",
  disabled = false,
  onPress,
}: {
  label: string;
  look?: "primary" | "secondary";
  /** While another way is under way. */
  disabled?: boolean;
  onPress: () => Promise<unknown>;
}) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiProblem | null>(null);

  async function press() {
    setBusy(true);
    setProblem(null);
    try {
      await onPress();
    } catch (error) {
      setProblem(asProblem(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <div className="flex flex-col gap-4">
      {problem && <ProblemNotice problem={problem} />}
      <Button look={look} busy={busy} disabled={disabled} onClick={() => void press()}>
        {label}
      </Button>
    </div>
  );
}
