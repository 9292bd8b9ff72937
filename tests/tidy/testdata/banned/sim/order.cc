void F() {
  Pair p(r.Draw(a), r.Draw(b));                              // want: two-draws
  int x = random_->Uniform(s, 3) + random_->Uniform(s, 4);   // want: two-draws
  Send(env.random().Uniform(s, 2),                           // want: two-draws
       env.random().Chance(s, 1, 2));
  Both(a.Post(std::move(f)), b->PostAfter(d, std::move(g)));  // want: two-draws
  Foo foo{r.Draw(a), r.Draw(b)};                             // want: two-draws
}
