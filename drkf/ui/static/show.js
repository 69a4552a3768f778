() => setTimeout(
  () => document.querySelector("#ELEM_ID")?.scrollIntoView({ block: "nearest", behavior: "smooth" }),
  100)
