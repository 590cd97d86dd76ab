import { useIdentity } from "../../react/index.js";
import { useWords } from "../words/language.js";

/** Who is signed in. It stands left of the buttons, where nothing has to move for it. */
export function SignedIn() {
  const words = useWords();
  const name = useIdentity()?.name;
  if (name === undefined) return null;
  return (
    <p className="who" title={words.identity.signedInAs(name)} data-testid="signed-in">
      <span className="only-read">{words.identity.signedIn}: </span>
      {name}
    </p>
  );
}
