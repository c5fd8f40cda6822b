// A certified OpenID Connect provider on a free loopback port, for the sign-in stories. It says one line of JSON,
// {"issuer": …}, when it is open, and ends when its standard input does.
//
// Whoever is sent here is signed in at once as the user that the client names in `login_hint`, or `ada`. A user whose name
// begins with `unsure` has an address that nobody checked.
import { createServer } from "node:http";
import Provider from "oidc-provider";

// Standard output is for the one line alone; whoever reads it need not go on reading.
console.info = console.error;
console.warn = console.error;

const redirect = process.argv[2] ?? "http://127.0.0.1:8080/sign-in/agency/callback";
const clientId = process.argv[3] ?? "fairground";
const clientSecret = process.argv[4] ?? "a secret of the tests alone";
const user = process.argv[5] ?? "ada";

let handle = (_, response) => response.writeHead(503).end();
const server = createServer((request, response) => handle(request, response));
await new Promise((open) => server.listen(0, "127.0.0.1", open));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [redirect], response_types: ["code"] }],
  pkce: { required: () => true },
  scopes: ["openid", "email", "profile"],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  cookies: { keys: ["only for tests"] },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({
      sub: id,
      email: `${id}@example.org`,
      email_verified: !id.startsWith("unsure"),
      name: `${id} of the agency`,
    }),
  }),
});

// Signs in and agrees, without asking anybody.
async function interact(request, response) {
  const { prompt, params, session, grantId } = await provider.interactionDetails(request, response);
  if (prompt.name === "login") {
    const accountId = params.login_hint ?? user;
    return provider.interactionFinished(request, response, { login: { accountId } });
  }
  const grant = grantId
    ? await provider.Grant.find(grantId)
    : new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  const consent = { grantId: await grant.save() };
  return provider.interactionFinished(request, response, { consent }, { mergeWithLastSubmission: true });
}

const serve = provider.callback();
handle = (request, response) => {
  if (!request.url.startsWith("/interaction/")) return serve(request, response);
  interact(request, response).catch((error) => {
    console.error(error);
    response.writeHead(500).end();
  });
};

process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
console.log(JSON.stringify({ issuer }));
