/** What every Vue project has: TypeScript does not read single-file components. */
declare module "*.vue" {
  import type { Component } from "vue";
  const component: Component;
  export default component;
}
