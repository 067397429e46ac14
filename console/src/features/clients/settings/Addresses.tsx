// What programs need to know of a client: its id, and what they check its users' tokens with.
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { api, call } from "@/api/client";
import { CopyableId } from "@/design/Copy";
import { Loaded } from "@/design/Loaded";
import { texts } from "@/texts";

const words = texts.settings;

/** The client's id, the issuer of its tokens and the address of its public keys, each to be copied. */
export function Addresses({ clientId }: { clientId: string }) {
  const query = useQuery({
    queryKey: ["clients", "issuer", clientId],
    queryFn: () =>
      call(
        api.GET("/api/v1/{client_id}/.well-known/openid-configuration", { params: { path: { client_id: clientId } } }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <dl className="flex flex-col gap-3 border-t border-line pt-3 text-sm">
      <Address name={words.clientId} explains={words.clientIdExplains}>
        <CopyableId id={clientId} />
      </Address>
      <Loaded query={query} lines={4}>
        {({ issuer, jwks_uri }) => (
          <>
            <Address name={words.issuer} explains={words.issuerExplains}>
              <CopyableId id={issuer} />
            </Address>
            <Address name={words.jwks} explains={words.jwksExplains}>
              <CopyableId id={jwks_uri} />
            </Address>
          </>
        )}
      </Loaded>
    </dl>
  );
}

function Address({ name, explains, children }: { name: string; explains: string; children: ReactNode }) {
  return (
    <div>
      <dt className="text-quiet">{name}</dt>
      <dd>
        {children}
        <p className="mt-0.5 text-quiet">{explains}</p>
      </dd>
    </div>
  );
}
