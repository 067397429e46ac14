// Ending one session of a user: done at once, as the person can log in again.
import { useMutation } from "@tanstack/react-query";
import { api, call, type Schema } from "@/api/client";
import { asProblem } from "@/api/problems";
import { useClientId } from "@/api/session";
import { Button } from "@/design/Button";
import { formatDevice } from "@/design/device";
import { useToast } from "@/design/Toast";
import { texts } from "@/texts";
import { useRefreshUser } from "./useChangeUser";

const words = texts.users;

/** The button in the session's row. */
export function EndSession({ userId, session }: { userId: string; session: Schema<"SessionView"> }) {
  const clientId = useClientId();
  const refresh = useRefreshUser(userId);
  const tell = useToast();
  const ending = useMutation({
    mutationFn: () =>
      call(
        api.DELETE("/api/v1/{client_id}/users/{user_id}/sessions/{session_id}", {
          params: { path: { client_id: clientId, user_id: userId, session_id: session.session_id } },
        }),
      ),
    onSuccess: () => tell(words.sessionEnded),
    onError: (error) => tell(asProblem(error).message),
    onSettled: refresh,
  });
  const device = formatDevice(session.user_agent) || words.unknownDevice;
  return (
    <Button
      small
      busy={ending.isPending}
      onClick={() => ending.mutate()}
      aria-label={words.endOne(device, session.ip_address ?? "")}
    >
      {words.end}
    </Button>
  );
}
