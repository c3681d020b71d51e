// Grey values of the volume. The texture is R16_SNORM: a stored int16 s reads s / 32767.
uniform sampler3D u_volume;
uniform vec3 u_dims;    // voxels; a stand-in has fewer of them in the same box
uniform vec2 u_rescale; // real = x * stored + y
uniform vec2 u_window;  // width, level in real values
uniform float u_loaded; // slices (last index) uploaded so far
uniform bool u_smooth;

bool inside_volume(vec3 index)
{
  return all(greaterThanEqual(index, vec3(-0.5))) && all(lessThan(index, u_dims - 0.5));
}

ivec3 voxel_at(vec3 index)
{
  return ivec3(clamp(floor(index + 0.5), vec3(0.0), u_dims - 1.0));
}

float real_at_voxel(ivec3 voxel)
{
  ivec3 size = textureSize(u_volume, 0);
  if (size != ivec3(u_dims)) voxel = clamp(ivec3((vec3(voxel) + 0.5) / u_dims * vec3(size)), ivec3(0), size - 1);
  return u_rescale.x * (texelFetch(u_volume, voxel, 0).r * 32767.0) + u_rescale.y;
}

// 0 black .. 1 white; index space has voxel centres at integers.
float grey_at(vec3 index)
{
  float real = u_smooth ? u_rescale.x * (texture(u_volume, (index + 0.5) / u_dims).r * 32767.0) + u_rescale.y
                        : real_at_voxel(voxel_at(index));
  return clamp((real - u_window.y) / u_window.x + 0.5, 0.0, 1.0);
}
