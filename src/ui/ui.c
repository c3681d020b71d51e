/* Replaced by the window. */
int hilum_ui_unused(void);
int hilum_ui_unused(void)
{
  return 0;
}
