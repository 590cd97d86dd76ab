/**
 * Who may call, and what they may see, send and administer. One servlet filter decides on every request before anything else of ours
 * does; one predicate says which events an identity sees. The rules are those of docs/security.md.
 */
package io.samband.auth;
