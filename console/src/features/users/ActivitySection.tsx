// The latest rows of the audit log about a user.
import { useQuery } from "@tanstack/react-query";
import { readLatest } from "@/api/audit";
import { useClientId } from "@/api/session";
import { LatestEvents } from "@/design/LatestEvents";
import { texts } from "@/texts";

const words = texts.users;

/** The newest ten, with a link to all of them. */
export function ActivitySection({ userId }: { userId: string }) {
  const clientId = useClientId();
  const query = useQuery({
    queryKey: ["users", clientId, userId, "events"],
    queryFn: () => readLatest(clientId, { user_id: userId }),
  });
  return <LatestEvents lead={words.activityLead} filter={`user_id=${userId}`} empty={words.noActivity} query={query} />;
}
