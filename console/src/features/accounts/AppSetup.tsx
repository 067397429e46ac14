// Setting up an authenticator app: a secret to scan, then a code that proves that the app has it.
import { useQuery } from "@tanstack/react-query";
import { api, call, type Schema } from "@/api/client";
import { Copyable } from "@/design/Copy";
import { Form, TextField } from "@/design/Form";
import { Loaded } from "@/design/Loaded";
import { texts } from "@/texts";

const words = texts.accounts.app;

/** Shows a new secret; `onDone` gets the recovery codes that come with the confirmation. */
export function AppSetup({ clientId, onDone }: { clientId: string; onDone: (codes: string[]) => void }) {
  const params = { path: { client_id: clientId } };
  const secret = useQuery({
    // Each asking makes another secret: the one that is shown must be the last. So its key is not below ownKey(), all
    // of which is read anew once the app is on.
    queryKey: ["new-app", clientId],
    queryFn: () => call(api.POST("/api/v1/{client_id}/me/mfa/totp", { params })),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  });
  return (
    <Loaded query={secret} lines={10}>
      {(made) => (
        <div className="flex flex-col gap-4">
          <Secret made={made} />
          <Form
            send={words.confirm}
            onSend={async ({ code = "" }) => {
              const done = await call(api.POST("/api/v1/{client_id}/me/mfa/totp/confirm", { params, body: { code } }));
              onDone(done.recovery_codes);
            }}
          >
            <TextField
              name="code"
              label={words.code}
              hint={words.codeHint}
              required
              autoFocus
              inputMode="numeric"
              autoComplete="one-time-code"
              maxLength={64}
              className="font-mono"
            />
          </Form>
        </div>
      )}
    </Loaded>
  );
}

function Secret({ made }: { made: Schema<"TotpEnrolment"> }) {
  return (
    <div className="flex flex-col gap-3 text-sm">
      <p>{words.scan}</p>
      <img
        src={`data:image/svg+xml;utf8,${encodeURIComponent(made.qr_svg)}`}
        alt={words.picture}
        width="208"
        height="208"
        className="size-52 self-center rounded-lg bg-white p-2"
      />
      <details>
        <summary className="text-accent underline underline-offset-2">{words.cannotScan}</summary>
        <p className="my-2">{words.typeSecret}</p>
        <Copyable value={made.secret} />
      </details>
    </div>
  );
}
