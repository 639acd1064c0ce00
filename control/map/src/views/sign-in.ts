// Asks for the viewer's access key, if requests must be signed.

import { html } from "../dom";
import { useKey } from "../key";
import { field } from "../parts";

/** The form for a key. `why` is the error of the last one. */
export function signIn(why: string | null, done: () => void): HTMLElement[] {
    const text = (name: string, type = "text") => html("input", { name, type, autocomplete: "off", spellcheck: "false" });
    const [id, secret, token] = [text("id"), text("secret", "password"), text("token", "password")];
    id.required = true;
    secret.required = true;
    const submit = (event: Event) => {
        event.preventDefault();
        useKey({ id: id.value.trim(), secret: secret.value.trim(), token: token.value.trim() });
        done();
    };
    return [
        html("p", {}, "This system has accounts, and every request must be signed. The key signs in this page: the secret is never sent, and forgotten with this tab. You see what is of your account and what your policies let you describe."),
        html("form", { class: "why", submit },
            field("Access key id", id), field("Secret access key", secret), field("Session token, if it is a session's", token), html("button", {}, "Sign in")),
        ...(why ? [html("p", { class: "error", role: "alert" }, why)] : []),
    ];
}
