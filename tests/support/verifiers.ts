/**
 * A password, and what a server keeps of it.
 *
 * @module
 */

/** Of every user that a test makes. */
export const PASSWORD = "correct horse battery staple";

/**
 * The verifier of {@linkcode PASSWORD}, of the server's own 600,000 rounds, which it demands of a registration. Made
 * beforehand, as that takes 200 ms of CPU: whoever logs in with the password shows that it is right.
 */
export const VERIFIER =
  "SCRAM-SHA-256$600000:BwcHBwcHBwcHBwcHBwcHBw==$ehMiTZJyWuWgDwzeRTeJdOOJaVopNrBFpKHLaKnxpkY=:kmiJxDsqmx6vkX9y72mYcgq5Jc6MfRDafdCCjY/0psY=";

/** One of 4,096 rounds: for users that exist already, in tests that do not measure what a password costs. */
export const QUICK_VERIFIER =
  "SCRAM-SHA-256$4096:BwcHBwcHBwcHBwcHBwcHBw==$CY7VOdtQTYJgfjiL4laqFr7Wf3z1D7WO5PQ8W28R52k=:2Xi64GObpApLvhIDyYCgiKS29iEEPWmCrVkt6rQpVUg=";
