// A sphere that cuts, in a frame of the mesh's own; decided per pixel, so that its rim is as round as it is large.
uniform vec4 u_ball; // middle, mm relative to the mesh's origin; radius: above zero what is outside goes, below zero what is inside, 0: nothing

bool cut_by_ball(vec3 at)
{
  vec3 d = at - u_ball.xyz;
  float beyond = dot(d, d) - u_ball.w * u_ball.w;
  return u_ball.w != 0.0 && beyond * sign(u_ball.w) > 0.0;
}
