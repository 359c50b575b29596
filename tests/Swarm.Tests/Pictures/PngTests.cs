using System.IO;

using CsCheck;

using Swarm.Pictures;

using Xunit;

namespace Swarm.Tests.Pictures;

public class PngTests
{
    [Fact]
    public void A_picture_is_read_back_as_it_was_written()
        => Gen.Int[1, 9].SelectMany(width => Gen.Int[1, 9].SelectMany(height => Gen.Byte.Array[3 * width * height].Select(pixels => (width, height, pixels)))).Sample(
            picture =>
            {
                using MemoryStream file = new();
                Png.Write(file, picture.width, picture.height, picture.pixels);

                PngFile read = PngFile.Read(file.ToArray());

                Assert.Equal((picture.width, picture.height), (read.Width, read.Height));
                Assert.Equal(picture.pixels, read.Pixels);
            });
}
