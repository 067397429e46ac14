// Watches for the first user besides whoever looks.
import { useQuery } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import { useSession } from "@/api/session";
import { ButtonLink } from "@/design/Button";
import { Notice } from "@/design/Feedback";
import { Time } from "@/design/Time";
import { texts } from "@/texts";

const words = texts.onboarding.welcome;
const EVERY_MS = 5_000;

/** Looks every few seconds, while the page is seen and nobody is there yet. */
export function FirstUser() {
  const { client, user } = useSession();
  const newest = useQuery({
    queryKey: ["onboarding", client.client_id, "first-user"],
    queryFn: async () => {
      const params = { path: { client_id: client.client_id }, query: { limit: 2 } };
      const { items, next_cursor } = await call(api.GET("/api/v1/{client_id}/users", { params }));
      const other = items.find((one) => one.user_id !== user.user_id);
      return other ? { ...other, isFirst: next_cursor === null } : null;
    },
    staleTime: 0,
    refetchInterval: ({ state }) => (state.data ? false : EVERY_MS),
    refetchIntervalInBackground: false,
  });
  const found = newest.data;
  return (
    <div aria-live="polite" className="min-h-20">
      {found ? (
        <Notice tone="good" title={found.isFirst ? words.first : words.newest}>
          <p className="mb-2">
            {found.email}, <Time at={found.created_at} />
          </p>
          <ButtonLink small to={`/users/${found.user_id}`}>
            {words.seeUser}
          </ButtonLink>
        </Notice>
      ) : (
        <p className="text-sm text-quiet">{words.waiting}</p>
      )}
    </div>
  );
}
