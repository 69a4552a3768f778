() => {
  if (innerWidth < 1000)
    document.querySelector("#ELEM_ID").scrollIntoView({ block: "start", behavior: "smooth" });
}
